define void @kernel(ptr %x, ptr %w, ptr %post, ptr %y, i64 %pairs, i64 %rows, i64 %row_step, i64 %wrap_step, i64 %y_channel, i64 %low, i64 %high) {
entry:
  %v1 = getelementptr float, ptr %post, i64 0
  %v2 = load float, ptr %v1, align 4
  %v3 = insertelement <4 x float> poison, float %v2, i64 0
  %v4 = shufflevector <4 x float> %v3, <4 x float> poison, <4 x i32> zeroinitializer
  %v5 = getelementptr float, ptr %post, i64 1
  %v6 = load float, ptr %v5, align 4
  %v7 = insertelement <4 x float> poison, float %v6, i64 0
  %v8 = shufflevector <4 x float> %v7, <4 x float> poison, <4 x i32> zeroinitializer
  br label %enter
enter:
  %v9 = icmp sgt i64 %pairs, 0
  br i1 %v9, label %body, label %done
body:
  %pair = phi i64 [0, %enter], [%pair.next, %body]
  %row = phi i64 [1, %enter], [%row.next, %body]
  %xp = phi ptr [%x, %enter], [%xp.next, %body]
  %wp = phi ptr [%w, %enter], [%wp.next, %body]
  %a0_0_0 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %a0_1_0 = phi <4 x float> [%v8, %enter], [%a0_1_0.next, %body]
  call void @llvm.codeview.annotation(metadata !0)
  %v10 = getelementptr float, ptr %xp, i64 0
  %v11 = load <4 x float>, ptr %v10, align 4
  %v12 = getelementptr float, ptr %wp, i64 0
  %v13 = load float, ptr %v12, align 4
  %v14 = insertelement <4 x float> poison, float %v13, i64 0
  %v15 = shufflevector <4 x float> %v14, <4 x float> poison, <4 x i32> zeroinitializer
  %v16 = getelementptr float, ptr %wp, i64 1
  %v17 = load float, ptr %v16, align 4
  %v18 = insertelement <4 x float> poison, float %v17, i64 0
  %v19 = shufflevector <4 x float> %v18, <4 x float> poison, <4 x i32> zeroinitializer
  %v20 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v11, <4 x float> %v15, <4 x float> %a0_0_0)
  %v21 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v11, <4 x float> %v19, <4 x float> %a0_1_0)
  call void @llvm.codeview.annotation(metadata !0)
  %v22 = getelementptr float, ptr %wp, i64 2
  %v23 = load float, ptr %v22, align 4
  %v24 = insertelement <4 x float> poison, float %v23, i64 0
  %v25 = shufflevector <4 x float> %v24, <4 x float> poison, <4 x i32> zeroinitializer
  %v26 = getelementptr float, ptr %xp, i64 -1
  %v27 = load <4 x float>, ptr %v26, align 4
  %v28 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v27, <4 x float> %v25, <4 x float> %v20)
  %a0_0_0.next = bitcast <4 x float> %v28 to <4 x float>
  %a0_1_0.next = bitcast <4 x float> %v21 to <4 x float>
  %last = icmp eq i64 %row, %rows
  %step = select i1 %last, i64 %wrap_step, i64 %row_step
  %row.one = add i64 %row, 1
  %row.next = select i1 %last, i64 1, i64 %row.one
  %xp.next = getelementptr float, ptr %xp, i64 %step
  %wp.next = getelementptr float, ptr %wp, i64 3
  %pair.next = add i64 %pair, 1
  %more = icmp slt i64 %pair.next, %pairs
  br i1 %more, label %body, label %done
done:
  %v29 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v30 = phi <4 x float> [%v8, %enter], [%a0_1_0.next, %body]
  %v31 = mul i64 %y_channel, 0
  %v32 = getelementptr float, ptr %y, i64 %v31
  %v33 = shufflevector <4 x float> %v29, <4 x float> %v30, <4 x i32> <i32 0, i32 4, i32 1, i32 5>
  %v34 = shufflevector <4 x float> %v29, <4 x float> %v30, <4 x i32> <i32 2, i32 6, i32 3, i32 7>
  %v35 = icmp sle i64 %low, 0
  %v36 = icmp sge i64 %high, 8
  %v37 = and i1 %v35, %v36
  br i1 %v37, label %plain, label %masked
plain:
  %v38 = getelementptr float, ptr %v32, i64 0
  store <4 x float> %v33, ptr %v38, align 4
  %v39 = getelementptr float, ptr %v32, i64 4
  store <4 x float> %v34, ptr %v39, align 4
  br label %end
masked:
  %v40 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v41 = shufflevector <4 x i64> %v40, <4 x i64> poison, <4 x i32> zeroinitializer
  %v42 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v41
  %v43 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v44 = shufflevector <4 x i64> %v43, <4 x i64> poison, <4 x i32> zeroinitializer
  %v45 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v44
  %v46 = and <4 x i1> %v42, %v45
  %v47 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v48 = shufflevector <4 x i64> %v47, <4 x i64> poison, <4 x i32> zeroinitializer
  %v49 = icmp sge <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v48
  %v50 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v51 = shufflevector <4 x i64> %v50, <4 x i64> poison, <4 x i32> zeroinitializer
  %v52 = icmp slt <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v51
  %v53 = and <4 x i1> %v49, %v52
  %v54 = getelementptr float, ptr %v32, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v33, ptr %v54, i32 4, <4 x i1> %v46)
  %v55 = getelementptr float, ptr %v32, i64 4
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v34, ptr %v55, i32 4, <4 x i1> %v53)
  br label %end
end:
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare <4 x float> @llvm.masked.load.v4f32.p0(ptr, i32, <4 x i1>, <4 x float>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)
declare void @llvm.codeview.annotation(metadata)
!0 = !{!""}
