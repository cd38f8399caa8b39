define void @kernel(ptr %x, ptr %w, ptr %post, ptr %y, i64 %pairs, i64 %rows, i64 %row_step, i64 %wrap_step, i64 %y_channel, i64 %low, i64 %high) {
entry:
  %v1 = getelementptr float, ptr %post, i64 0
  %v2 = load <4 x float>, ptr %v1, align 4
  %v3 = getelementptr float, ptr %post, i64 4
  %v4 = load float, ptr %v3, align 4
  %v5 = insertelement <4 x float> poison, float %v4, i64 0
  %v6 = shufflevector <4 x float> %v5, <4 x float> poison, <4 x i32> zeroinitializer
  br label %enter
enter:
  %v7 = icmp sgt i64 %pairs, 0
  br i1 %v7, label %body, label %done
body:
  %pair = phi i64 [0, %enter], [%pair.next, %body]
  %row = phi i64 [1, %enter], [%row.next, %body]
  %xp = phi ptr [%x, %enter], [%xp.next, %body]
  %wp = phi ptr [%w, %enter], [%wp.next, %body]
  %a0_0_0 = phi <4 x float> [%v2, %enter], [%a0_0_0.next, %body]
  %a0_1_0 = phi <4 x float> [%v2, %enter], [%a0_1_0.next, %body]
  call void @llvm.codeview.annotation(metadata !0)
  %v8 = getelementptr float, ptr %wp, i64 0
  %v9 = load <4 x float>, ptr %v8, align 4
  %v10 = getelementptr float, ptr %xp, i64 1
  %v11 = load float, ptr %v10, align 4
  %v12 = insertelement <4 x float> poison, float %v11, i64 0
  %v13 = shufflevector <4 x float> %v12, <4 x float> poison, <4 x i32> zeroinitializer
  %v14 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v13, <4 x float> %v9, <4 x float> %a0_0_0)
  %v15 = getelementptr float, ptr %xp, i64 2
  %v16 = load float, ptr %v15, align 4
  %v17 = insertelement <4 x float> poison, float %v16, i64 0
  %v18 = shufflevector <4 x float> %v17, <4 x float> poison, <4 x i32> zeroinitializer
  %v19 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v18, <4 x float> %v9, <4 x float> %a0_1_0)
  call void @llvm.codeview.annotation(metadata !0)
  %v20 = getelementptr float, ptr %wp, i64 4
  %v21 = load <4 x float>, ptr %v20, align 4
  %v22 = getelementptr float, ptr %xp, i64 0
  %v23 = load float, ptr %v22, align 4
  %v24 = insertelement <4 x float> poison, float %v23, i64 0
  %v25 = shufflevector <4 x float> %v24, <4 x float> poison, <4 x i32> zeroinitializer
  %v26 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v25, <4 x float> %v21, <4 x float> %v14)
  %v27 = select <4 x i1> <i1 true, i1 false, i1 false, i1 false>, <4 x float> %v26, <4 x float> %v14
  %v28 = getelementptr float, ptr %xp, i64 1
  %v29 = load float, ptr %v28, align 4
  %v30 = insertelement <4 x float> poison, float %v29, i64 0
  %v31 = shufflevector <4 x float> %v30, <4 x float> poison, <4 x i32> zeroinitializer
  %v32 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v31, <4 x float> %v21, <4 x float> %v19)
  %v33 = select <4 x i1> <i1 true, i1 false, i1 false, i1 false>, <4 x float> %v32, <4 x float> %v19
  %a0_0_0.next = bitcast <4 x float> %v27 to <4 x float>
  %a0_1_0.next = bitcast <4 x float> %v33 to <4 x float>
  %last = icmp eq i64 %row, %rows
  %step = select i1 %last, i64 %wrap_step, i64 %row_step
  %row.one = add i64 %row, 1
  %row.next = select i1 %last, i64 1, i64 %row.one
  %xp.next = getelementptr float, ptr %xp, i64 %step
  %wp.next = getelementptr float, ptr %wp, i64 8
  %pair.next = add i64 %pair, 1
  %more = icmp slt i64 %pair.next, %pairs
  br i1 %more, label %body, label %done
done:
  %v34 = phi <4 x float> [%v2, %enter], [%a0_0_0.next, %body]
  %v35 = phi <4 x float> [%v2, %enter], [%a0_1_0.next, %body]
  %v36 = mul i64 %y_channel, 0
  %v37 = getelementptr float, ptr %y, i64 %v36
  %v38 = fcmp olt <4 x float> %v34, zeroinitializer
  %v39 = fmul <4 x float> %v34, %v6
  %v40 = select <4 x i1> %v38, <4 x float> %v39, <4 x float> %v34
  %v41 = mul i64 %y_channel, 0
  %v42 = getelementptr float, ptr %y, i64 %v41
  %v43 = fcmp olt <4 x float> %v35, zeroinitializer
  %v44 = fmul <4 x float> %v35, %v6
  %v45 = select <4 x i1> %v43, <4 x float> %v44, <4 x float> %v35
  %v46 = icmp sle i64 %low, 0
  %v47 = icmp sge i64 %high, 14
  %v48 = and i1 %v46, %v47
  br i1 %v48, label %plain, label %masked
plain:
  %v49 = getelementptr float, ptr %v37, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v40, ptr %v49, i32 4, <4 x i1> <i1 true, i1 true, i1 true, i1 false>)
  %v50 = getelementptr float, ptr %v42, i64 11
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v45, ptr %v50, i32 4, <4 x i1> <i1 true, i1 true, i1 true, i1 false>)
  br label %end
masked:
  %v51 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v52 = shufflevector <4 x i64> %v51, <4 x i64> poison, <4 x i32> zeroinitializer
  %v53 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v52
  %v54 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v55 = shufflevector <4 x i64> %v54, <4 x i64> poison, <4 x i32> zeroinitializer
  %v56 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v55
  %v57 = and <4 x i1> %v53, %v56
  %v58 = and <4 x i1> %v57, <i1 true, i1 true, i1 true, i1 false>
  %v59 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v60 = shufflevector <4 x i64> %v59, <4 x i64> poison, <4 x i32> zeroinitializer
  %v61 = icmp sge <4 x i64> <i64 11, i64 12, i64 13, i64 14>, %v60
  %v62 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v63 = shufflevector <4 x i64> %v62, <4 x i64> poison, <4 x i32> zeroinitializer
  %v64 = icmp slt <4 x i64> <i64 11, i64 12, i64 13, i64 14>, %v63
  %v65 = and <4 x i1> %v61, %v64
  %v66 = and <4 x i1> %v65, <i1 true, i1 true, i1 true, i1 false>
  %v67 = getelementptr float, ptr %v37, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v40, ptr %v67, i32 4, <4 x i1> %v58)
  %v68 = getelementptr float, ptr %v42, i64 11
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v45, ptr %v68, i32 4, <4 x i1> %v66)
  br label %end
end:
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare <4 x float> @llvm.masked.load.v4f32.p0(ptr, i32, <4 x i1>, <4 x float>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)
declare void @llvm.codeview.annotation(metadata)
!0 = !{!""}
