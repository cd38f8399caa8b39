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
  %v10 = getelementptr float, ptr %wp, i64 1024
  call void @llvm.prefetch.p0(ptr %v10, i32 0, i32 3, i32 1)
  call void @llvm.codeview.annotation(metadata !0)
  %v11 = getelementptr float, ptr %xp, i64 0
  %v12 = load <4 x float>, ptr %v11, align 4
  %v13 = getelementptr float, ptr %wp, i64 0
  %v14 = load float, ptr %v13, align 4
  %v15 = insertelement <4 x float> poison, float %v14, i64 0
  %v16 = shufflevector <4 x float> %v15, <4 x float> poison, <4 x i32> zeroinitializer
  %v17 = getelementptr float, ptr %wp, i64 1
  %v18 = load float, ptr %v17, align 4
  %v19 = insertelement <4 x float> poison, float %v18, i64 0
  %v20 = shufflevector <4 x float> %v19, <4 x float> poison, <4 x i32> zeroinitializer
  %v21 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v12, <4 x float> %v16, <4 x float> %a0_0_0)
  %v22 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v12, <4 x float> %v20, <4 x float> %a0_1_0)
  call void @llvm.codeview.annotation(metadata !0)
  %v23 = getelementptr float, ptr %wp, i64 2
  %v24 = load float, ptr %v23, align 4
  %v25 = insertelement <4 x float> poison, float %v24, i64 0
  %v26 = shufflevector <4 x float> %v25, <4 x float> poison, <4 x i32> zeroinitializer
  %v27 = getelementptr float, ptr %xp, i64 -1
  %v28 = load <4 x float>, ptr %v27, align 4
  %v29 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v28, <4 x float> %v26, <4 x float> %v21)
  %a0_0_0.next = bitcast <4 x float> %v29 to <4 x float>
  %a0_1_0.next = bitcast <4 x float> %v22 to <4 x float>
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
  %v30 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v31 = phi <4 x float> [%v8, %enter], [%a0_1_0.next, %body]
  %v32 = mul i64 %y_channel, 0
  %v33 = getelementptr float, ptr %y, i64 %v32
  %v34 = shufflevector <4 x float> %v30, <4 x float> %v31, <4 x i32> <i32 0, i32 4, i32 1, i32 5>
  %v35 = shufflevector <4 x float> %v30, <4 x float> %v31, <4 x i32> <i32 2, i32 6, i32 3, i32 7>
  %v36 = icmp sle i64 %low, 0
  %v37 = icmp sge i64 %high, 8
  %v38 = and i1 %v36, %v37
  br i1 %v38, label %plain, label %masked
plain:
  %v39 = getelementptr float, ptr %v33, i64 0
  store <4 x float> %v34, ptr %v39, align 4
  %v40 = getelementptr float, ptr %v33, i64 4
  store <4 x float> %v35, ptr %v40, align 4
  br label %end
masked:
  %v41 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v42 = shufflevector <4 x i64> %v41, <4 x i64> poison, <4 x i32> zeroinitializer
  %v43 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v42
  %v44 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v45 = shufflevector <4 x i64> %v44, <4 x i64> poison, <4 x i32> zeroinitializer
  %v46 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v45
  %v47 = and <4 x i1> %v43, %v46
  %v48 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v49 = shufflevector <4 x i64> %v48, <4 x i64> poison, <4 x i32> zeroinitializer
  %v50 = icmp sge <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v49
  %v51 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v52 = shufflevector <4 x i64> %v51, <4 x i64> poison, <4 x i32> zeroinitializer
  %v53 = icmp slt <4 x i64> <i64 4, i64 5, i64 6, i64 7>, %v52
  %v54 = and <4 x i1> %v50, %v53
  %v55 = getelementptr float, ptr %v33, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v34, ptr %v55, i32 4, <4 x i1> %v47)
  %v56 = getelementptr float, ptr %v33, i64 4
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v35, ptr %v56, i32 4, <4 x i1> %v54)
  br label %end
end:
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare <4 x float> @llvm.masked.load.v4f32.p0(ptr, i32, <4 x i1>, <4 x float>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)
declare void @llvm.codeview.annotation(metadata)
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
!0 = !{!""}
